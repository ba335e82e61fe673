export type { LabFacts } from './lab-facts.ts';
