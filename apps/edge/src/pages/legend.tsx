import { type Protocol, protocolLook } from '@interleave/trace/look';
import type { FC } from 'hono/jsx';

/** What the marks of the timeline mean, in the colour of the protocol at hand. */
export const Legend: FC<{ protocol: Protocol | null; queue?: boolean; turn?: boolean }> = ({
  protocol,
  queue = false,
  turn = false,
}) => (
  <ul class={`legend p-${protocol ? protocolLook(protocol).key : 'none'}`} aria-label="Marks">
    <Item word="connection opened">
      <path class="tl-spine" d="M6 6H26" />
      <circle class="tl-dot" cx="6" cy="6" r="4.5" />
    </Item>
    <Item word="opened, TLS resumed">
      <path class="tl-spine" d="M6 6H26" />
      <circle class="tl-ring" cx="6" cy="6" r="4.5" />
      <path class="tl-dot" d="M6 1.5a4.5 4.5 0 0 0 0 9z" />
    </Item>
    {queue ? (
      <Item word="not sent yet, in the browser’s queue">
        <path class="tl-waiting" d="M1 6H25" />
      </Item>
    ) : null}
    {turn ? (
      <Item word="finished, waits for its turn">
        <rect class="tl-blocked" x="1" y="1" width="24" height="10" fill="none" />
        <path class="tl-hatch-blocked" d="M5 1V11M9 1V11M13 1V11M17 1V11M21 1V11" stroke="currentColor" />
      </Item>
    ) : null}
    <Item word="handshake">
      <rect class="tl-handshake" x="1" y="1" width="24" height="10" fill="none" />
      <path class="tl-hatch" d="M4 11L12 1M12 11L20 1" />
    </Item>
    <Item word="sent, first byte awaited">
      <rect class="tl-server" x="1" y="0" width="24" height="12" />
    </Item>
    <Item word="response arrives">
      <rect class="tl-response" x="1" y="0" width="24" height="12" />
    </Item>
    <Item word="ended">
      <path class="tl-spine" d="M2 6H24" />
      <path class="tl-sign" d="M24 0V12" />
    </Item>
  </ul>
);

const Item: FC<{ word: string; children?: unknown }> = ({ word, children }) => (
  <li>
    <svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">
      {children}
    </svg>
    {word}
  </li>
);
