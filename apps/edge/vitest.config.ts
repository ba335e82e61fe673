import { nodeTests } from '../../scripts/vitest/node.ts';

export default nodeTests('edge', {
  include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'client/**/*.test.ts', 'build/**/*.test.ts'],
});
