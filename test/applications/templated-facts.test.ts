import { describe, expect, it } from 'vitest';
import { bindTemplate, placeholdersFor } from '../../src/applications/bind-template.js';
import { builtInTemplate, builtInTemplatesWith } from '../../src/applications/built-in.js';
import type { TemplateSettings } from '../../src/applications/template.js';
import { templatedApplication } from '../../src/applications/templated.js';
import { strangersOf } from '../../src/applications/templated-facts.js';

const LIVE = { anonymous: 'skip', maxAgeMs: Number.POSITIVE_INFINITY, graceMs: 0 } as const;

function applicationOf(name: string, more: Partial<TemplateSettings> = {}) {
  const template = builtInTemplate(name);
  const { settings } = bindTemplate(template, placeholdersFor(template));
  return templatedApplication({ ...(settings as TemplateSettings), selection: LIVE, ...more });
}

function classOf(name: string, text: string, more: Partial<TemplateSettings> = {}) {
  const application = applicationOf(name, more);
  const bytes = Buffer.from(text);
  application.inspect(bytes, 0, bytes.length);
  const { facts, content } = application;
  return { verdict: content.verdict, className: facts.className, plan: application.plan(Date.now(), Date.now()) };
}

describe('whom a session belongs to', () => {
  it.each([
    ['laravel', 'a:1:{s:8:"login_ab";i:7;}', 'login'],
    ['laravel', 'a:1:{s:4:"cart";a:1:{i:0;i:1;}}', 'cart'],
    ['laravel', 'a:1:{s:6:"_token";s:1:"x";}', 'anonymous'],
    ['laravel', Buffer.from('{"iv":"1","value":"2","mac":"3"}').toString('base64'), 'unread'],
    ['php', 'user|a:1:{s:2:"id";i:7;}', 'with content'],
    ['phpmyadmin', ' PMA_token |s:1:"x";', 'with content'],
    ['nextcloud', 'encrypted_session_data|s:2:"xx";', 'encrypted'],
    ['nextcloud', 'other|s:2:"xx";', 'other'],
    ['magento', '_session_hosts|a:0:{}admin|a:1:{s:4:"user";i:1;}', 'admin'],
  ])('of %s with %s is told as %s', (name, text, className) => {
    expect(classOf(name, text)).toMatchObject({ verdict: 'whole', className });
  });

  it('of PHP without a known application has content or none, and nobody calls it a login', () => {
    const bytes = Buffer.from('a:0:{}');
    const application = applicationOf('php');
    application.inspect(bytes, 0, bytes.length);
    expect(application.facts.className).toBe('without content');
  });

  it('can be a login where that can not be seen: it does not stay behind by --anonymous skip', () => {
    expect(classOf('laravel', 'a:1:{s:6:"_token";s:1:"x";}').plan).toBe('anonymous');
    const encrypted = Buffer.from('{"iv":"1","value":"2","mac":"3"}').toString('base64');
    expect(classOf('laravel', encrypted).plan).toBeGreaterThan(Date.now());
    expect(classOf('php', 'user|i:7;').plan).toBeGreaterThan(Date.now());
  });
});

describe('a session with the signs of another application whose files are named alike', () => {
  const symfony = builtInTemplate('symfony');
  const strangers = strangersOf(symfony, builtInTemplatesWith(symfony.file.name));

  it('is foreign, unless it has a sign of its own as well', () => {
    expect(strangers).toContain('encrypted_session_data');
    expect(strangers).not.toContain('_sf2_meta');
    const verdictOf = (text: string) => classOf('symfony', text, { strangers }).verdict;
    expect(verdictOf('encrypted_session_data|s:1:"x";')).toBe('foreign');
    expect(verdictOf('_sf2_meta|a:0:{}encrypted_session_data|s:1:"x";')).toBe('whole');
    expect(verdictOf('user|i:7;')).toBe('whole');
  });

  it('is taken all the same by a template that has no signs, and by one whose files nobody else has', () => {
    expect(strangersOf(builtInTemplate('php'), [symfony])).toEqual([]);
    expect(strangersOf(builtInTemplate('laravel'), builtInTemplatesWith('sess_'))).toEqual([]);
  });
});
