import { denoTests } from '../../scripts/vitest/deno.ts';

export default denoTests('trace');
