import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { life, newOwner } from './owner.js';

const self = newOwner();

describe('an owner', () => {
  it('that is this process lives', () => {
    expect(life(self)).toBe('alive');
  });

  it('that has ended is dead', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(life({ ...self, pid: child.pid as number })).toBe('dead');
  });

  it('whose pid was given to another process is dead', () => {
    if (self.startedAt === undefined) return;
    expect(life({ ...self, startedAt: self.startedAt - 1 })).toBe('dead');
  });

  it('of another machine, boot or pid namespace is unknown, whatever its pid', () => {
    expect(life({ ...self, where: 'elsewhere' })).toBe('unknown');
  });

  it('that belongs to another user lives', () => {
    const { startedAt: _, ...anyStart } = self;
    expect(life({ ...anyStart, pid: 1 })).toBe('alive');
  });

  it('is another one for each handle', () => {
    expect(newOwner().handle).not.toBe(self.handle);
  });
});
