import { gateOf } from './gate.ts';

await gateOf('keep-alive');
