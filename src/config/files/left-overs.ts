/** Files and folders that programs leave behind in the user's folders: of version control, editors and desktops. */

const LEFT_OVERS: readonly (readonly [name: RegExp, program: string])[] = [
  [/^\.git$/, 'git'],
  [/^\.(svn|hg|bzr)$|^CVS$/, 'a version control system'],
  [/^\..+\.sw[a-p]$/, 'vim'],
  [/^(\.#.+|#.+#)$/, 'Emacs'],
  [/^\.goutputstream-|^\.\w+\.kate-swp$/, 'an editor'],
  [/^(\.DS_Store|\._.+|\.Spotlight-V100|\.Trashes)$/, 'macOS'],
  [/^(Thumbs\.db|desktop\.ini)$/i, 'Windows'],
  [/^\.nfs[0-9a-f]{16,}$/, 'an NFS client'],
];

/** The program that leaves a file or folder of this name behind; undefined if the user may have made it. */
export const leftBy = (name: string): string | undefined => LEFT_OVERS.find(([form]) => form.test(name))?.[1];
