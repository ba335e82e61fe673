import { chromiumTests } from '../../scripts/vitest/chromium.ts';

export default chromiumTests('wire');
