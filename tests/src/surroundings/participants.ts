import { afterEach } from 'vitest';
import { Participant, type ParticipantLimits } from './participant.js';

export type StartParticipant = (url: string | undefined, limits?: ParticipantLimits) => Promise<Participant>;

/** Starts participants that end with the test. */
export function participants(): StartParticipant {
  const started: Participant[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((participant) => participant.process.kill()));
  });
  return async (url, limits) => {
    const participant = await Participant.start(url, limits);
    started.push(participant);
    return participant;
  };
}
