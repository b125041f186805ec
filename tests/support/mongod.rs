//! A mongod of a test's own.
