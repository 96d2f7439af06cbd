const text = __STRINGS__; void text;
