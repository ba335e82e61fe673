/** The frames of a connection, put together from its events: what a page and a terminal show of them. */
export { FrameModel } from './model.ts';
export { type FrameBytes, type FramePart, flagNames, frameBytes } from './parts.ts';
export type {
  ConnectionNote,
  FrameBlock,
  FrameLine,
  FrameView,
  Instruction,
  StateStep,
  TableChange,
  TableEntry,
  TableView,
  Windows,
} from './view.ts';
export { frameGist, frameLine, frameName, framePurpose, framesText, streamWords } from './words.ts';
