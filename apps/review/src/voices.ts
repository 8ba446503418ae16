/** How somebody writes who gives so many stars. */
export interface Voice {
  readonly openings: readonly (readonly [title: string, sentence: string])[];
  /** How many praises and complaints follow the opening. */
  readonly praises: number;
  readonly complaints: number;
  /** One of these ends every other review. */
  readonly closings: readonly string[];
}

const content = [
  'My sister has ordered one too.',
  'Delivery took two days.',
  'The box was mostly paper, which I liked.',
  'Support answered the same afternoon.',
  'I will write again in a year.',
];
const unhappy = [
  'Support was kind, but could not help.',
  'I have gone back to what I had before.',
  'Perhaps mine was a bad one.',
  'The delivery, at least, was quick.',
];

/** By stars: the first is the voice of one star, the last that of five. */
export const voices: readonly Voice[] = [
  {
    openings: [
      ['Went back', 'I wanted to be pleased, and sent it back after a week.'],
      ['Broke early', 'Mine stopped working in the second month.'],
      ['Disappointed', 'The description promises more than there is.'],
      ['Two of two', 'I have had two, and both failed.'],
    ],
    praises: 0,
    complaints: 2,
    closings: unhappy,
  },
  {
    openings: [
      ['Not for me', 'It does what it says, but not in a way that suits me.'],
      ['Expected more', 'For this price I expected more.'],
      ['Hm', 'I have learned to live with it, which is not why I bought it.'],
      ['Second thoughts', 'The first week was fine, the second was not.'],
    ],
    praises: 1,
    complaints: 2,
    closings: unhappy,
  },
  {
    openings: [
      ['Decent', 'Neither a mistake nor a discovery.'],
      ['Does the job', 'It does the job and asks for nothing.'],
      ['Mixed feelings', 'I keep changing my mind about it.'],
      ['Average', 'Good ideas, ordinary workmanship.'],
    ],
    praises: 1,
    complaints: 1,
    closings: ['I will keep it for now.', 'Delivery took two days.', 'We will see how it ages.'],
  },
  {
    openings: [
      ['Happy with it', 'A good choice, with one small complaint.'],
      ['Nearly perfect', 'Almost everything about it is right.'],
      ['Recommended', 'I would buy it again.'],
      ['Good value', 'Much for the money, if not everything.'],
      ['Solid', 'Well made and well thought out, with room for a second version.'],
    ],
    praises: 2,
    complaints: 1,
    closings: content,
  },
  {
    openings: [
      ['Love it', 'I use it every day and still look forward to it.'],
      ['Worth every cent', 'Better than what I had, which cost twice as much.'],
      ['Finally', 'This is what I should have bought in the first place.'],
      ['Excellent', 'Quietly excellent, in use and to look at.'],
      ['No regrets', 'Bought after a month of comparing, and I would choose the same again.'],
      ['A present that landed', 'For my father, who does not praise easily and now does.'],
    ],
    praises: 2,
    complaints: 0,
    closings: content,
  },
];
