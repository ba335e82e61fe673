import { FACT_NAMES, type RequestFacts, sourceWords, valueWords } from '@interleave/trace';
import { visibleHtml } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';

const GROUPS: readonly (readonly [title: string, names: readonly (keyof RequestFacts)[]])[] = [
  [
    'The connection',
    ['connectionId', 'protocol', 'nth', 'streamId', 'ageMs', 'transport', 'remote', 'local', 'closing'],
  ],
  [
    'The handshake that began it',
    ['tlsVersion', 'alpn', 'resumed', 'earlyData', 'cipher', 'group', 'sni', 'handshakeMs'],
  ],
  ['This request', ['priority', 'rttMs', 'colo', 'openedAt']],
];

/** Every fact with its value and, beside it, who says so. */
export const FactsList: FC<{ facts: RequestFacts }> = ({ facts }) => (
  <>
    {GROUPS.map(([title, names]) => (
      <div class="facts-group">
        <h3>{title}</h3>
        <dl class="facts">
          {names.map((name) => (
            <div>
              <dt>{FACT_NAMES[name]}</dt>
              <dd class="value" data-known={facts[name].value === null ? 'no' : 'yes'}>
                {raw(visibleHtml(valueWords(name, facts[name])))}
              </dd>
              <dd class="source" data-sure={facts[name].sure}>
                {sourceWords(facts[name])}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    ))}
  </>
);
