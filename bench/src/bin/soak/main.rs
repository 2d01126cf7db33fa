//! A day of an agent in an hour: many handlers, some of which stay, one that falls, one that attacks, goal states every
//! few seconds, and an agent that is killed now and then. At the end nothing may be lost, and what the agent holds must
//! not have grown.
//!
//! `cargo xtask soak` builds what it needs and runs it.

mod agent;
mod fleet;
mod held;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use agent::Agent;
use fleet::Fleet;
use held::{Held, table};

/// How often what the agent holds is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// How long the agent may take for the last goal state.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs an agent as hard as a day does
#[derive(Parser)]
struct Arguments {
    /// The program
    #[arg(long)]
    hostler: PathBuf,
    /// How long
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// How many handlers
    #[arg(long, default_value_t = 20)]
    handlers: usize,
    /// How many of them stay
    #[arg(long, default_value_t = 5)]
    services: usize,
    /// Seconds between two goal states
    #[arg(long, default_value_t = 3.0)]
    every: f64,
    /// How often the agent is killed
    #[arg(long, default_value_t = 4)]
    kills: u32,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut fleet = Fleet::new(arguments.handlers, arguments.services)?;
    let mut agent = Agent::start(&arguments.hostler, &fleet)?;
    fleet.settle(PATIENCE)?;
    println!("{} handlers, {} of them stay", arguments.handlers, fleet.staying());
    println!("{}", agent.reporting(&fleet)?);

    let time = Duration::from_secs_f64(arguments.minutes * 60.0);
    let every = Duration::from_secs_f64(arguments.every);
    let lifetime = time / (arguments.kills + 1);
    let began = Instant::now();
    let (mut next_goal, mut next_look, mut killed) = (began, began, 0);
    let mut held: Vec<(Duration, Held)> = Vec::new();
    while began.elapsed() < time {
        let now = Instant::now();
        if now >= next_goal {
            next_goal = now + every;
            fleet.change()?;
        }
        if now >= next_look {
            next_look = now + LOOK;
            agent.assert_alive()?;
            held.push((began.elapsed(), Held::by(agent.id(), &fleet)?));
        }
        if killed < arguments.kills && began.elapsed() >= lifetime * (killed + 1) {
            killed += 1;
            agent.kill()?;
            agent = Agent::start(&arguments.hostler, &fleet)?;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let wrong = fleet.settle(PATIENCE).err();
    if !held.is_empty() {
        println!("{}", table(&held));
    }
    agent.stop()?;
    let verified = agent::verified(&arguments.hostler, &fleet)?;
    println!(
        "{} goal states, {} commands, {killed} times killed; audit log: {verified}",
        fleet.goal_states(),
        fleet.commands()?
    );
    Ok(match wrong {
        None => {
            println!("nothing lost");
            ExitCode::SUCCESS
        }
        Some(error) => {
            println!("LOST: {error:#}");
            ExitCode::FAILURE
        }
    })
}
