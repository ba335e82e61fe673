import { type ConnectionEvents, SCHEMAS } from './event.ts';

const RECORD_SEPARATOR = '\x1e';

/** A connection as a qlog file in JSON Text Sequences (RFC 7464): one record a line, so that it can be cut anywhere. */
export function qlogSequence(connection: ConnectionEvents): string {
  const header = {
    file_schema: 'urn:ietf:params:qlog:file:sequential',
    serialization_format: 'application/qlog+json-seq',
    title: `Connection ${connection.connectionId}`,
    trace: traceOf(connection),
  };
  return [header, ...connection.events].map((record) => `${RECORD_SEPARATOR}${JSON.stringify(record)}\n`).join('');
}

/**
 * The same in the older form that qvis reads (qlog 0.3): one JSON object. qvis knows `http` where the drafts have `http3`.
 */
export function qlogForQvis(connection: ConnectionEvents): string {
  const { common_fields, vantage_point } = traceOf(connection);
  const events = connection.events.map(({ time, name, data }) => ({
    time,
    name: name.startsWith('http3:') ? name.replace('http3:', 'http:') : name,
    data,
  }));
  return JSON.stringify({
    qlog_version: '0.3',
    qlog_format: 'JSON',
    title: `Connection ${connection.connectionId}`,
    traces: [{ common_fields: { ...common_fields, time_format: 'relative' }, vantage_point, events }],
  });
}

interface TraceHeader {
  readonly vantage_point: { readonly name: string; readonly type: string };
  readonly common_fields: Readonly<Record<string, unknown>>;
  readonly event_schemas: readonly string[];
}

function traceOf({ connectionId, vantagePoint, startedAt, events, dropped }: ConnectionEvents): TraceHeader {
  const schemas = new Set(events.map(({ name }) => name.slice(0, name.indexOf(':'))));
  return {
    vantage_point: { name: 'interleave', type: vantagePoint },
    common_fields: {
      group_id: connectionId,
      time_format: 'relative_to_epoch',
      reference_time: { clock_type: 'monotonic', epoch: 'unknown', wall_clock_time: new Date(startedAt).toISOString() },
      ...(dropped > 0 ? { dropped_events: dropped } : {}),
    },
    event_schemas: [...schemas].map((schema) => SCHEMAS[schema] ?? schema),
  };
}
