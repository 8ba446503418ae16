import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processState, newOwner } from './owner.js';

const self = newOwner();

describe('the state of an owner', () => {
  it('this process: alive', () => {
    expect(processState(self)).toBe('alive');
  });

  it('an ended process: dead', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(processState({ ...self, pid: child.pid as number })).toBe('dead');
  });

  it('its pid was reused: dead', () => {
    if (self.startedAt === undefined) return;
    expect(processState({ ...self, startedAt: self.startedAt - 1 })).toBe('dead');
  });

  it('of another machine, boot or pid namespace: unknown', () => {
    expect(processState({ ...self, where: 'elsewhere' })).toBe('unknown');
  });

  it('a process of another user: alive', () => {
    const { startedAt: _, ...anyStart } = self;
    expect(processState({ ...anyStart, pid: 1 })).toBe('alive');
  });

  it('has a handle of its own', () => {
    expect(newOwner().handle).not.toBe(self.handle);
  });
});
