/** The frames of a connection, put together from its events: what a page and a terminal show of them. */
export {
  type ConnectionNote,
  type FrameBlock,
  type FrameLine,
  FrameModel,
  type FrameView,
  type StateStep,
  type TableChange,
  type TableEntry,
  type TableView,
  type Windows,
} from './model.ts';
export { type FrameBytes, type FramePart, flagNames, frameBytes } from './parts.ts';
export { frameGist, frameLine, frameName, framePurpose, framesText, streamWords } from './words.ts';
