import { workersTests } from '../../scripts/vitest/workers.ts';

export default workersTests('trace');
