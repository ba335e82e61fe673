import { describe, expect, it } from 'vitest';
import { isAuthority, isAuthorityForm } from './authority.ts';

describe('host and port (RFC 9110 §4.2.1, §7.2)', () => {
  it.each([
    'a',
    'a.b-c_d~e',
    'localhost:4100',
    'a:',
    'a:0',
    'a:65535',
    '127.0.0.1',
    "sub!$&'()*+,;=",
    '%41b',
    '[::1]',
    '[::]:80',
    '[1:2:3:4:5:6:7:8]',
    '[1::8]',
    '[::ffff:192.0.2.1]',
    '[v1.a:b]',
  ])('may be %s', (text) => expect(isAuthority(text)).toBe(true));

  it.each([
    '',
    ':80',
    'a:b',
    'a:-1',
    'a:65536',
    'a:000080',
    'a:80:80',
    'u@a',
    'a/b',
    'a?b',
    'a#b',
    'a b',
    'a\\b',
    'a,b c',
    '%4',
    '%zz',
    '\xe9',
    '\u20ac',
    '[',
    '[]',
    '[::1',
    '::1',
    '[::1]x',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1::2::3]',
    '[12345::]',
    '[::1.2.3]',
    '[::1.2.3.256]',
    '[::1.2.3.4:1]',
    '[1:2:3:4:5:6:7::8]x',
    '[vx.a]',
    '[fe80::1%25eth0]',
  ])('may not be %s', (text) => expect(isAuthority(text)).toBe(false));

  it('has a port in authority-form (RFC 9112 §3.2.3)', () => {
    expect(['a:1', '[::1]:443'].every(isAuthorityForm)).toBe(true);
    expect(['a', 'a:', '[::1]', 'u@a:1'].some(isAuthorityForm)).toBe(false);
  });
});
