import { nodeTests } from '../../scripts/vitest/node.ts';

export default nodeTests('bench');
