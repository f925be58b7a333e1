//! The program as users run it: its commands as processes, and its page in a browser.

mod page;
mod recorded_server;
mod running_server;
mod serve;
mod top;
