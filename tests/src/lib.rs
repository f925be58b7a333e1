//! What the end-to-end tests, the bench and the soak run share: real JVMs with the agent, a server that records, and the judges.
//!
//! [`jvm`] starts a Java program under the agent, [`server`] records what it uploads, [`profile`] reads the uploads and sums
//! them, [`truth`] is what the program knew of itself.

#![forbid(unsafe_code)]

pub mod case;
pub mod jdk;
pub mod judges;
pub mod jvm;
pub mod paths;
pub mod profile;
pub mod programs;
pub mod run;
pub mod server;
pub mod statistics;
pub mod truth;
