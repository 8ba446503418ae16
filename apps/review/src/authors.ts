/** Who writes: a first name and the initial of another. */
export const authors = [
  'Mara',
  'Jonas',
  'Priya',
  'Tomas',
  'Ines',
  'Kofi',
  'Yuki',
  'Lena',
  'Omar',
  'Sofia',
  'Bram',
  'Aiko',
  'Rui',
  'Nadia',
  'Piet',
  'Zoe',
];
export const initials = [...'ABDEHKLMNRSTVW'];
