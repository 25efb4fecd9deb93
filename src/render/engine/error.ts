/**
 * The only rendering error that a user can cause: the destination's format cannot represent a value. The front end
 * cannot know every format, so the renderer reports it. The message names the user's settings, never the value.
 */

/** Thrown by an escaper; becomes a {@link RenderError} once the engine has added the place. */
export class UnrepresentableError extends Error {
  override readonly name = 'UnrepresentableError';
}

/** Shown by the CLI as diagnostic `render/unrepresentable`, exit 2. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  /** Null for a file that all nodes share. */
  readonly node: string | null;
  /** `templates/…:line`, or the path of the file when it has no template. */
  readonly template: string;
  /** The settings that shape the file, e.g. `nodes[worker-01].sysctl`; the likeliest cause first. */
  readonly settings: readonly string[];

  constructor(place: { node: string | null; template: string; settings: readonly string[] }, message: string) {
    super(message);
    this.node = place.node;
    this.template = place.template;
    this.settings = place.settings;
  }
}
