import { randomInt } from 'node:crypto';
import type * as DnsPacket from 'dns-packet';
import type { Answer } from 'dns-packet';

/** What is used of the dns-packet package. */
export type DnsCodec = Pick<typeof DnsPacket, 'decode' | 'encode' | 'RECURSION_DESIRED'>;

export interface Question {
  readonly name: string;
  readonly type: 'SRV' | 'A' | 'AAAA' | 'TXT';
}

export interface Query {
  readonly id: number;
  readonly question: Question;
  readonly bytes: Buffer;
}

export interface Reply {
  /** https://www.iana.org/assignments/dns-parameters, "DNS RCODEs". */
  readonly rcode: number;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** Whether the server may have left out records that did not fit. */
  readonly mayBeCut: boolean;
}

export const rcodes = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 } as const;

/** In bytes: datagrams of this size are not fragmented (https://www.dnsflagday.net/2020/). */
const udpPayloadSize = 1232;
/** Without EDNS0 (RFC 1035, 4.2.1). */
const plainUdpPayloadSize = 512;

/** With an unpredictable id: an answer must carry it. */
export function newQuery(codec: DnsCodec, question: Question): Query {
  const id = randomInt(65_536);
  const bytes = codec.encode({
    type: 'query',
    id,
    flags: codec.RECURSION_DESIRED,
    questions: [question],
    additionals: [
      // EDNS0 (RFC 6891). The types of dns-packet ask for all fields.
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  return { id, question, bytes };
}

/** Whether a message is an answer to `query`, by its header: others may guess, or answer an earlier query. */
export function isAnswerTo({ id }: Query, message: Buffer): boolean {
  return message.length >= 12 && message.readUInt16BE(0) === id && (message[2]! & 0x80) !== 0;
}

/**
 * Consul cuts off what does not fit into a datagram without marking it as truncated, unless `enable_truncate` is set:
 * 40 instances become any 26 of them. What fills more than half of the allowed size may have been cut: the next record and its
 * addresses take less than the other half.
 * @throws {Error} for a malformed message, and one that answers another question.
 */
export function readReply(codec: DnsCodec, { question }: Query, message: Buffer): Reply {
  const truncated = (message[2]! & 0x02) !== 0;
  // What follows the header of a truncated message may end anywhere.
  if (truncated) return { rcode: 0, answers: [], authorities: [], additionals: [], mayBeCut: true };
  const {
    flags = 0,
    questions = [],
    answers = [],
    authorities = [],
    additionals = [],
  } = codec.decode(message);
  const [asked] = questions;
  const isSame = asked?.type === question.type && sameName(asked.name, question.name);
  // An error may come without the question.
  if (asked ? !isSame : (flags & 0x0f) === rcodes.noError) throw new Error('it answers another question');
  const size = additionals.some(({ type }) => type === 'OPT') ? udpPayloadSize : plainUdpPayloadSize;
  return {
    rcode: flags & 0x0f,
    answers,
    authorities,
    additionals,
    mayBeCut: message.length > size / 2,
  };
}

/** DNS names are not case-sensitive. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
