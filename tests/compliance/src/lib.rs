//! The laboratory, the scenarios and what runs them; the program `compliance` is its command line.

pub mod corpus;
pub mod daemon;
pub mod fifo;
pub mod kernel;
pub mod lab;
pub mod notyet;
pub mod outcome;
pub mod program;
pub mod run;
pub mod runner;
pub mod scenarios;
