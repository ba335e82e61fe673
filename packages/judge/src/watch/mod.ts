/** The workshop at work: verdicts at each save, and what a view of it needs. Node only. */

export { type Band, type Bands, bandsOf, bandsText, bandsTitle, type Stripe, standingOut } from '../report/bands.ts';
export { type ChunkedReply, chunkedReplies, type Leaving } from '../report/chunks.ts';
export { type Cuts, cutsOf, cutsTitle, type Span, scaleOf } from '../report/cuts.ts';
export { type Depth, depthsOf, depthTitle } from '../report/depth.ts';
export { type DiffLine, diffLines, shortDiff } from '../report/diff.ts';
export { renderFailure } from '../report/failure.ts';
export { parseHints, RUNGS } from '../report/hints.ts';
export {
  crossings,
  type IdMatches,
  type IdPair,
  idMatchesOf,
  idMatchesText,
  idMatchesTitle,
} from '../report/id-matches.ts';
export { givenAfter, type Matches, matchesOf } from '../report/matches.ts';
export { heldTitle, roadsTitle, tellingOrder } from '../report/order-text.ts';
export { type Arrived, type Order, ordersOf, orderTitle } from '../report/orders.ts';
export { type PacketRow, type PacketRows, packetRowsOf, packetRowsTitle } from '../report/packet-rows.ts';
export { tellingOf } from '../report/picture-text.ts';
export { loadsOf, type PageLoad, protocolsOf, protocolsText, protocolsTitle } from '../report/protocols.ts';
export {
  type Held as HeldStream,
  levelAt,
  type Payer,
  type Purse,
  type Purses,
  pursesOf,
  pursesTitle,
} from '../report/purses.ts';
export {
  type StateStep,
  type States,
  type StreamWay,
  statesOf,
  statesTitle,
  wayNotes,
} from '../report/states.ts';
export { checkLine, countLine, firstFailure, passLine, STATUS } from '../report/summary.ts';
export {
  type BlockLine,
  type BlockStory,
  blockWords,
  type Remembered,
  type Tables,
  tablesOf,
} from '../report/tables.ts';
export {
  type Tile,
  type TileRow,
  type Tiles,
  tilesOf,
  tilesText,
  tilesTitle,
} from '../report/tiles.ts';
export { timelineOf, titleOf } from '../report/timeline.ts';
export { checkTranscript, entryLine, transcriptText } from '../report/transcript.ts';
export { type Upload, uploadsOf, uploadWords } from '../report/uploads.ts';
export { loadExercises } from '../state/catalogue.ts';
export type { ExerciseProgress, Progress } from '../state/progress.ts';
export type { StoredRun } from '../state/runs.ts';
export { readSolution, readWork, workPath } from '../state/work.ts';
export { ChromiumSource } from './chromium-source.ts';
export { type JudgeOptions, Judging } from './judging.ts';
export { type OwnCertificate, type OwnKind, OwnPage, type OwnPageView, ownKind, pageCheck } from './own-page.ts';
export { Screen } from './screen.ts';
export { type TerminalOptions, TerminalWatcher } from './terminal.ts';
export { type View, Workbench, type WorkbenchOptions } from './workbench.ts';
