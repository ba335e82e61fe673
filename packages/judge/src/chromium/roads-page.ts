/** What runs in the page when three roads are run there. The page loads this very file, with its types taken out. */

export type PagePacket = {
  readonly reply: number;
  readonly index: number;
  /** Where its bytes stand in the reply, and in the one stream of a road with one order. */
  readonly from: number;
  readonly offset: number;
  readonly size: number;
  readonly isLastOfReply: boolean;
  readonly isLastOfAll: boolean;
};
/** A slot, as it comes over the WebSocket: one line of JSON, and behind it the bytes of its packets. */
export type SlotMessage = { readonly slot: number; readonly packets: readonly PagePacket[] };

export type PagePlan = {
  readonly road: string;
  readonly schedule: string;
  readonly sizes: readonly number[];
  readonly packet: number;
  readonly again: number;
};
export type RoadsTask = {
  readonly tcp: { readonly file: string; readonly name: string };
  readonly quic: { readonly file: string; readonly name: string };
  readonly predict: { readonly file: string; readonly name: string };
  readonly socket: string;
  readonly plans: readonly PagePlan[];
  /** How long nothing may happen before a run is given up. */
  readonly ms: number;
};
export type PageFault = { readonly name: string; readonly message: string; readonly stack: string };
/** The slot in which each reply was whole, `-1` where it never was; and what `finish` says. */
export type RoadResult = { readonly finished: number[]; readonly predicted: unknown; readonly fault: PageFault | null };
export type RoadsResult = { readonly load: PageFault } | { readonly roads: readonly RoadResult[] };

type Bytes = ReadableStream<Uint8Array>;
const LIMIT = 64 * 1024;

/** Runs in the page: one WebSocket for each plan, its packets through the learner's code, and a drawing that grows with them. */
export async function runRoads(task: RoadsTask): Promise<RoadsResult> {
  Reflect.deleteProperty(ReadableStream, 'from');
  try {
    const [tcp, quic, predict] = await Promise.all(
      [task.tcp, task.quic, task.predict].map(async ({ file, name }) => {
        const found = ((await import(file)) as Record<string, unknown>)[name];
        if (typeof found !== 'function') throw new TypeError(`${file} does not export ${name}`);
        return found as (...args: unknown[]) => unknown;
      }),
    );
    if (tcp === undefined || quic === undefined || predict === undefined) throw new Error('A file is missing');
    const roads: RoadResult[] = [];
    for (const [i, plan] of task.plans.entries()) roads.push(await runRoad({ task, plan, i, tcp, quic, predict }));
    return { roads };
  } catch (error) {
    return { load: told(error) };
  }
}

type Road = {
  task: RoadsTask;
  plan: PagePlan;
  i: number;
  tcp: (...args: unknown[]) => unknown;
  quic: (...args: unknown[]) => unknown;
  predict: (...args: unknown[]) => unknown;
};

async function runRoad({ task, plan, i, tcp, quic, predict }: Road): Promise<RoadResult> {
  const finished = plan.sizes.map(() => -1);
  const draw = drawing(plan);
  const socket = new WebSocket(`${task.socket}?plan=${i}`);
  socket.binaryType = 'arraybuffer';
  let slot = -1;
  let fault: PageFault | null = null;
  let over = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  let late = setTimeout(() => over(), task.ms);
  const fail = (error: unknown): void => {
    fault ??= told(error);
    over();
  };
  const whole = (reply: number): void => {
    if (finished[reply] !== -1) return;
    finished[reply] = slot;
    draw(reply, slot, 'whole');
    socket.send(new TextEncoder().encode(`${JSON.stringify({ reply, slot })}\n`));
    if (finished.every((at) => at >= 0)) over();
  };
  const take = plan.road === 'own order' ? own(quic, plan, whole, fail) : one(tcp, plan, whole, fail);
  socket.onerror = () => fail(new Error('The WebSocket failed'));
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    clearTimeout(late);
    late = setTimeout(() => over(), task.ms);
    const bytes = new Uint8Array(data);
    const end = bytes.indexOf(10);
    const message = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as SlotMessage;
    slot = message.slot;
    let at = end + 1;
    for (const packet of message.packets) {
      draw(packet.reply, slot, 'arrived');
      take(packet, bytes.slice(at, at + packet.size));
      at += packet.size;
    }
  };
  await isOver;
  clearTimeout(late);
  socket.close();
  try {
    // Plain data: anything else could not leave the page.
    const predicted: unknown = JSON.parse(JSON.stringify(predict(structuredClone(plan))) ?? 'null');
    // One that is far beyond the end has no place in the picture.
    const drawn = Array.isArray(predicted) ? predicted : [];
    for (const [reply, at] of drawn.entries()) if (at >= 0 && at <= 2 * (slot + 1)) draw(reply, at, 'predicted');
    return { finished, predicted, fault };
  } catch (error) {
    return { finished, predicted: null, fault: fault ?? told(error) };
  }
}

type Take = (packet: PagePacket, bytes: Uint8Array) => void;

/** One stream in the order of sending, through `inOrder`. */
function one(
  inOrder: (...args: unknown[]) => unknown,
  { sizes }: PagePlan,
  whole: (reply: number) => void,
  fail: (error: unknown) => void,
): Take {
  const known: PagePacket[] = [];
  let length = 0;
  const { readable, give } = feed();
  read(inOrder(readable, LIMIT) as Bytes, (bytes) => {
    length += bytes;
    for (const [reply, size] of sizes.entries()) {
      const own = known.filter((packet) => packet.reply === reply && packet.offset + packet.size <= length);
      if (own.reduce((sum, packet) => sum + packet.size, 0) === size) whole(reply);
    }
  }).catch(fail);
  return (packet, bytes) => {
    known.push(packet);
    give({ offset: packet.offset, bytes, ...(packet.isLastOfAll ? { last: true } : {}) });
  };
}

/** A stream for each reply, through `streams`. */
function own(
  streams: (...args: unknown[]) => unknown,
  { sizes }: PagePlan,
  whole: (reply: number) => void,
  fail: (error: unknown) => void,
): Take {
  const { readable, give } = feed();
  const run = async (): Promise<void> => {
    const given = streams(readable, LIMIT) as AsyncIterable<{ streamId: number; body: Bytes }>;
    for await (const { streamId, body } of given) {
      let length = 0;
      read(body, (bytes) => {
        length += bytes;
        if (length === sizes[(streamId - 1) / 4]) whole((streamId - 1) / 4);
      }).catch(fail);
    }
  };
  run().catch(fail);
  return ({ reply, index, from, isLastOfReply }, bytes) => {
    const last = isLastOfReply ? { last: true } : {};
    give({ number: index, frames: [{ streamId: 1 + 4 * reply, offset: from, bytes, ...last }] });
  };
}

function feed(): { readable: ReadableStream<unknown>; give: (item: unknown) => void } {
  let controller: ReadableStreamDefaultController<unknown> | null = null;
  const readable = new ReadableStream<unknown>({
    start: (its) => {
      controller = its;
    },
    cancel: () => {
      controller = null;
    },
  });
  return { readable, give: (item) => controller?.enqueue(item) };
}

async function read(stream: Bytes, had: (bytes: number) => void): Promise<void> {
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    had(value.length);
  }
}

/** A row for each reply, a square for each slot; whoever looks on sees them fill. */
function drawing({
  road,
  schedule,
  sizes,
  packet,
  again,
}: PagePlan): (reply: number, slot: number, what: 'arrived' | 'whole' | 'predicted') => void {
  const section = document.createElement('section');
  const title = document.createElement('h2');
  title.textContent = `${road}, ${schedule}`;
  section.append(title);
  const rows = sizes.map((_, reply) => {
    const row = document.createElement('div');
    row.style.cssText = 'position:relative;height:18px;margin:4px 0 4px 20px;box-shadow:0 1px #8886';
    const name = document.createElement('span');
    name.style.cssText = 'position:absolute;left:-20px;font-size:13px;line-height:18px';
    name.textContent = String.fromCharCode(65 + reply);
    row.append(name);
    section.append(row);
    return row;
  });
  document.body.append(section);
  const slots = Math.max(
    again + 1,
    sizes.reduce((sum, size) => sum + Math.ceil(size / packet), 0),
  );
  const unit = `min(20px, 100% / ${slots})`;
  return (reply, slot, what) => {
    const mark = document.createElement('span');
    const style = {
      arrived: `width:calc(${unit} - 2px);height:18px;background:currentColor;opacity:.4`,
      whole: `width:calc(${unit} - 1px);height:18px;border-right:3px solid currentColor`,
      predicted: `margin:9px 0 0 calc(${unit} - 8px);border:6px solid transparent;border-top:0;border-bottom:9px solid currentColor;opacity:.75`,
    };
    mark.style.cssText = `position:absolute;left:calc(${unit} * ${slot});box-sizing:border-box;${style[what]}`;
    mark.title = `${what}: slot ${slot}`;
    rows[reply]?.append(mark);
  };
}

function told(error: unknown): PageFault {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  return { name: error.name, message: error.message, stack: error.stack ?? '' };
}
