/** The same checks on the model answers: what `npm test` runs. */
process.env.WORKSHOP_FILES = 'solutions';

export { default } from './playwright.config.ts';
