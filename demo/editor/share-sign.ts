/** How the fragment of a link with scripts begins. */
export const SHARE_SIGN = '#scripts='
