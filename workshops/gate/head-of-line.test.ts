import { gateOf } from './gate.ts';

await gateOf('head-of-line');
