// The papers by what they are filled from.

/** Out of the register's lines of some days. */
export const FORMS = ["inzai-2", "gwangju-1", "gwangju-2", "kumamoto-2", "complaints"] as const;
export const CERTIFICATES = ["erasure"] as const;
export const SIGNS = ["sign-a4", "sign-a5", "sign-sticker"] as const;
