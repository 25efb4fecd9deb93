/** A key that the store must hold. */
export interface KeyNeed {
  readonly id: string;
  /** A key of Ceph's says of what kind it is and when it was made. */
  readonly form: 'plain' | 'cephx';
  /** Length of what is random in it. */
  readonly bytes: number;
}
