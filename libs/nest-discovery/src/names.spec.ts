import 'reflect-metadata';
import * as nestCommon from '@nestjs/common';
import * as nestCore from '@nestjs/core';
import * as nestMicroservices from '@nestjs/microservices';
import { expect, it } from 'vitest';
import * as health from './health/index.js';
import * as discovery from './index.js';

it.each([
  ['@nestjs/common', nestCommon],
  ['@nestjs/core', nestCore],
  ['@nestjs/microservices', nestMicroservices],
])('no export has the name of one of %s', (_, nest) => {
  const ours = [...Object.keys(discovery), ...Object.keys(health)];
  expect(ours.filter((name) => Object.hasOwn(nest, name))).toEqual([]);
});
