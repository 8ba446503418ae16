/** Valid product ids, in every service. */
export const productIdPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;
