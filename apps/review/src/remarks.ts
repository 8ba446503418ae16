/** What there is to say of a kind of product, whichever it is. */
export interface Remarks {
  readonly praises: readonly string[];
  readonly complaints: readonly string[];
}

export const headphones: Remarks = {
  praises: [
    'After three hours I forget that I am wearing anything.',
    'Voices sound like the people they belong to.',
    'A good fit for my odd ears, which is rare.',
    'I hear things in old records that I never noticed.',
    'Dropped twice so far, and it does not show.',
    'The finish feels dearer than the price.',
    'Everyone in the house wants to borrow this pair.',
    'Comfortable with glasses on.',
    'The instructions are one page long, and one page is enough.',
    'A firm fit that does not press.',
  ],
  complaints: [
    'The bass could step back a little.',
    'There is some pressure after the second hour.',
    'The left side is a touch quieter than the right.',
    'The surface takes every fingerprint.',
    'The sound is thinner than I had hoped.',
    'The fit loosens when I look down.',
    'The bag in the box is flimsy.',
    'Cymbals can be sharp.',
  ],
};

export const keyboards: Remarks = {
  praises: [
    'Every key feels like the next one.',
    'My wrists noticed the difference within days.',
    'The legends have not faded so far.',
    'The feet grip even on a polished desk.',
    'I type faster than on anything before.',
    'After a month in a drawer it woke up at once.',
    'The space bar does not rattle, which is rarer than it should be.',
    'It has survived a spilt tea.',
    'The layout made sense from the first day.',
    'It wipes clean in a minute.',
  ],
  complaints: [
    'It took me a week to find the brackets.',
    'The edges show wear already.',
    'It is louder than I expected.',
    'One key sticks when the room is warm.',
    'The cable in the box is too short for my desk.',
    'I keep hitting the wrong key in the corner.',
    'It creaks when I press hard.',
    'The printed manual is for another model.',
  ],
};

export const lamps: Remarks = {
  praises: [
    'The light is warm without being yellow.',
    'No flicker on camera, which matters to me.',
    'It goes dim enough for a film.',
    'It looks better in the room than in the picture.',
    'My eyes are less tired in the evening.',
    'It stays exactly where I put it.',
    'I bought it for myself and the children took it.',
    'Two minutes from the box to the first light.',
    'Even at full brightness it does not glare.',
    'After hours it is barely warm to the touch.',
  ],
  complaints: [
    'The cable could have been half a metre longer.',
    'It hums faintly at the lowest setting.',
    'The switch is hard to find in the dark.',
    'There is a visible seam on the back.',
    'It is dimmer than I had imagined.',
    'It shows every speck of dust.',
    'It wobbles when somebody walks past.',
    'The colour differs from the picture.',
  ],
};

export const speakers: Remarks = {
  praises: [
    'It fills the kitchen without shouting.',
    'Quiet passages stay quiet: no hiss at all.',
    'It is as good at low volume as at high.',
    'There was music five minutes after I opened the box.',
    'The neighbours have asked what it is, kindly.',
    'It passes for furniture, in the best way.',
    'Old recordings sound new.',
    'I moved it three times and it sounded right each time.',
    'It has survived a birthday party.',
    'The controls do what they say.',
  ],
  complaints: [
    'I had to move it away from the wall before it sounded right.',
    'The light on the front is too bright at night.',
    'It takes a moment to wake up.',
    'It is heavier than it looks.',
    'The steps between two volumes are too large.',
    'Something rattles at certain notes.',
    'It clicks when it switches on.',
    'The corners scratch easily.',
  ],
};
