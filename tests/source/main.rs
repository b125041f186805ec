//! Rules about the source itself: who may know whom, how long a file may be, and that nothing is
//! declared which nobody uses.

mod files;
mod layers;
mod settings;
mod shape;
