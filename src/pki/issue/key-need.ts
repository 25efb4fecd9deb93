/** A key that the store must hold. */
export interface KeyNeed {
  readonly id: string;
  /** A key of Ceph contains its type and its creation time. */
  readonly form: 'plain' | 'cephx';
  /** Length of the random part. */
  readonly bytes: number;
}
