//! What the tests of several kinds share.

pub(crate) mod counter;
pub(crate) mod disk;
pub(crate) mod faulty;
pub(crate) mod listener;
pub(crate) mod market;
pub(crate) mod node;
pub(crate) mod till;
