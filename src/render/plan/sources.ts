/**
 * The renderer's input from disk, as values: the system's templates and overlays, and the user's overlays.
 * `src/builder/sources.ts` reads them.
 */
import { compileTemplate, type Template } from '../engine/engine.ts';
import type { Format } from '../engine/escape.ts';

export interface TemplateSource {
  /** Under `templates/`, e.g. `etc/hostname.ejs`. */
  readonly path: string;
  readonly text: string;
}

/** A verbatim file or symlink under a root of overlays, e.g. `common/etc/motd`. */
export type OverlaySource =
  | { readonly path: string; readonly type: 'file'; readonly mode: number; readonly content: Uint8Array }
  | { readonly path: string; readonly type: 'symlink'; readonly target: string };

export interface Sources {
  readonly templates: readonly TemplateSource[];
  /** The system's own overlays, `common/` and `role-<role>/`. */
  readonly overlays: readonly OverlaySource[];
  /** The user's overlays, `common/`, `role-<role>/` and `node-<name>/`. */
  readonly userOverlays: readonly OverlaySource[];
}

const compiled = new WeakMap<Sources, Map<string, Template>>();

/**
 * The compiled template, compiled at most once per `Sources`.
 * @throws Error when there is no such template: the catalog and `templates/` disagree
 */
export function templateOf(sources: Sources, path: string, format: Format): Template {
  const known = compiled.get(sources) ?? new Map<string, Template>();
  compiled.set(sources, known);
  const ready = known.get(path);
  if (ready !== undefined) return ready;
  const source = sources.templates.find((template) => template.path === path);
  if (source === undefined) throw new Error(`templates/${path} is in the catalog but not on disk`);
  const template = compileTemplate(path, source.text, format);
  known.set(path, template);
  return template;
}
