/** Each step says itself: the same words in the step trace, in the page and in a failure. */
import type { Bytes, Delivery, Step } from '../exercise.ts';
import { bytesOf, latin1, readable } from './bytes.ts';
import { grouped } from './numbers.ts';
import { describeBodyStep } from './scenes/body-steps.ts';
import { describeClientStep } from './scenes/client-steps.ts';
import { describeCrowdStep } from './scenes/crowd-steps.ts';
import { describeFramesStep } from './scenes/frames-steps.ts';
import { describeFunctionStep } from './scenes/function-steps.ts';
import { describeHttp2Step } from './scenes/http2-steps.ts';
import { describeIdleStep } from './scenes/idle-steps.ts';
import { describeLinkStep } from './scenes/link-steps.ts';
import { describeOrderStep } from './scenes/order-steps.ts';
import { describePacketStep } from './scenes/packet-steps.ts';
import { describeQueueStep } from './scenes/queue-steps.ts';
import { describeReaderStep } from './scenes/reader-steps.ts';
import { claimWords } from './scenes/reply-claims.ts';
import { describeSegmentStep } from './scenes/segment-steps.ts';
import { describeStreamStep } from './scenes/stream-steps.ts';

/** One line, present tense: `Send GET /a (34 bytes).` */
export function describeStep(step: Step): string {
  const on = 'on' in step && step.on !== undefined ? ` on ${step.on}` : '';
  switch (step.do) {
    case 'send':
      return `Send ${step.what ?? short(step.bytes)}${on} (${count(bytesOf(step.bytes).length)}).`;
    case 'endInput':
      return `End the sending direction${on}.`;
    case 'reset':
      return `Break the connection off${on}.`;
    case 'advance':
      return `Let ${step.ms} ms pass.`;
    case 'expectReply': {
      const more = [
        step.status === undefined ? '' : `status ${step.status}`,
        step.body === undefined
          ? ''
          : bytesOf(step.body).length === 0
            ? 'no body bytes'
            : `the body ${short(step.body)}`,
        ...claimWords(step),
        step.connection === 'stays' ? 'the connection goes on' : '',
        step.connection === 'ends' ? 'announced as the last one' : '',
      ].filter((part) => part !== '');
      return `Expect one whole reply to ${step.to}${on}${more.length > 0 ? `: ${more.join(', ')}` : ''}.`;
    }
    case 'expectSilence':
      return `Expect nothing more${on}, and the connection still open.`;
    case 'expectEnd':
      return `Expect the end of the connection${on}${step.anything ? '' : ', and nothing before it'}.`;
    case 'expectSettled':
      return `Expect that serve has settled${on}.`;
    case 'expectHandlerCalls':
      return step.calls.length === 0
        ? `Expect that the handler was not called${on}.`
        : `Expect that the handler was called${on} ${step.atMost === true ? 'at most ' : ''}for ${step.calls.map((call) => call.request).join(', ')}.`;
    case 'everyCut':
      return `Send ${step.what ?? short(step.bytes)} (${count(bytesOf(step.bytes).length)}) on fresh connections: ${deliveriesOf(step.deliveries).join(', ')}.`;
    case 'each':
      return `Try ${count(step.cases.length, 'case')}: ${titles(step.cases.map((c) => c.title)).join('; ')}.`;
    case 'upload':
    case 'expectBegun':
    case 'expectAppetite':
    case 'expectBodyError':
    case 'expectNextOrEnd':
      return describeBodyStep(step);
    case 'expectPiece':
    case 'expectCutReply':
    case 'expectRefusalOr':
      return describeStreamStep(step);
    case 'release':
    case 'expectTogether':
    case 'expectAlone':
    case 'expectHeld':
      return describeOrderStep(step);
    case 'stopReading':
    case 'sendNumbered':
    case 'expectInFlight':
    case 'expectTakenAhead':
    case 'expectNumbered':
    case 'expectPulled':
    case 'expectNoneBegun':
    case 'expectBodiesOver':
      return describeQueueStep(step);
    case 'expectOpen':
    case 'expectIdleEnd':
    case 'expectSlowHeadEnds':
    case 'abort':
    case 'expectNothingLeft':
      return describeIdleStep(step);
    case 'sendTogether':
    case 'openSilent':
    case 'expectOwn':
    case 'expectResolved':
      return describeCrowdStep(step);
    case 'dials':
    case 'ask':
    case 'answer':
    case 'readAnswer':
    case 'cancelAnswer':
    case 'expectDials':
    case 'expectRequest':
    case 'expectUnsent':
    case 'expectSent':
    case 'expectAnswer':
    case 'expectPending':
    case 'expectRejects':
    case 'expectBroken':
    case 'expectTakenFor':
      return describeClientStep(step);
    case 'expectEachOwn':
    case 'expectRecovery':
    case 'expectThrough':
      return describeLinkStep(step);
    case 'expectValue':
    case 'expectHeldInRun':
    case 'expectRoads':
      return describeFunctionStep(step);
    case 'packet':
    case 'expectStream':
    case 'expectStreamOver':
    case 'readStream':
    case 'expectFinalSizeError':
    case 'packetsShuffled':
      return describePacketStep(step);
    case 'arrive':
    case 'expectPassedOn':
    case 'expectPassedOnAtMost':
    case 'comeAgain':
    case 'expectOver':
    case 'expectNotOver':
    case 'arriveShuffled':
      return describeSegmentStep(step);
    case 'begin':
    case 'expectOutcome':
    case 'expectCall':
    case 'expectSome':
    case 'expectWaiting':
    case 'expectTaken':
    case 'expectStopped':
      return describeReaderStep(step);
    case 'expectFrames':
    case 'askFrame':
    case 'expectFrameWaiting':
    case 'expectFramesEnd':
    case 'expectFramesReject':
      return describeFramesStep(step);
    case 'expectStreamReply':
    case 'expectStreamPart':
    case 'expectEndOrder':
    case 'expectSoon':
    case 'expectApart':
    case 'expectDataSent':
    case 'expectFrame':
    case 'expectNoFrame':
    case 'expectFirstFrame':
    case 'expectGoaway':
    case 'expectReset':
    case 'expectFault':
    case 'expectLetGo':
    case 'expectCredit':
    case 'expectForgotten':
    case 'fillWindow':
    case 'uploadData':
    case 'readOn':
    case 'expectQuiet':
    case 'expectNobodyWaits':
    case 'expectCancelled':
    case 'expectAsked':
    case 'expectRetryOrReject':
      return describeHttp2Step(step);
  }
}

/** An action of the judge, or something that must hold. */
export function kindOfStep(step: Step): 'action' | 'expectation' {
  return step.do.startsWith('expect') ? 'expectation' : 'action';
}

const WORDS: Record<Delivery, string> = {
  whole: 'in one write',
  cut: 'cut in two at every byte',
  bytes: 'byte by byte',
  prefix: 'broken off after every byte',
};

export const ALL_DELIVERIES: readonly Delivery[] = ['whole', 'cut', 'bytes'];

function deliveriesOf(deliveries: readonly Delivery[] = ALL_DELIVERIES): string[] {
  return deliveries.map((d) => WORDS[d]);
}

/** Hundreds of seeded cases are named by their ends. */
function titles(all: readonly string[]): readonly string[] {
  return all.length <= 12 ? all : [...all.slice(0, 2), '…', ...all.slice(-1)];
}

function short(bytes: Bytes): string {
  return `"${readable(latin1(bytesOf(bytes)), 32)}"`;
}

export function count(n: number, what = 'byte'): string {
  return `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;
}
