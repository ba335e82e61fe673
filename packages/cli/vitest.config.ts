import { nodeTests } from '../../scripts/vitest/node.ts';

export default nodeTests('interleave', { exclude: ['**/chromium/**', '**/node_modules/**'] });
