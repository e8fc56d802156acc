/**
 * The alias of an interface of the host that was made to be sat on. It names no network: several may share it, and it
 * goes with the last of them.
 */
export const parentMark = 'wharf parent'
