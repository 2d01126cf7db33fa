//! The loop: what is due and what happens goes to the course, and what it says is done by the world.

use std::time::Duration;

use time::OffsetDateTime;

use super::course::{Act, Course, Ending, Happened};
use super::notices::Notice;
use super::schedule::{Due, Schedule};

/// The agent's surroundings: clocks, and whoever does what it says.
pub trait World {
    /// The monotonic clock, since some beginning.
    fn now(&self) -> Duration;

    /// The wall clock, for people; it may jump.
    fn time(&self) -> OffsetDateTime;

    /// Waits until something happens, but not beyond `until`; `None` where nothing has.
    fn wait(&mut self, until: Duration) -> Option<Happened>;

    /// Does `act`, or has it done: it does not wait for anything. [`Act::Leave`] is not among them.
    fn act(&mut self, act: Act);

    /// Takes note of how `course` stands.
    fn publish(&mut self, course: &Course);
}

/// Runs the agent until it ends; `grace` is how long it may take to stop.
pub fn run(course: &mut Course, schedule: &mut Schedule, grace: Duration, world: &mut impl World) -> Ending {
    for act in course.start() {
        world.act(act);
    }
    loop {
        let mut happened = Vec::new();
        for due in schedule.due(world.now()) {
            match due {
                Due::Period => happened.push(Happened::Period),
                Due::SignOfLife => world.act(Act::Tell(Notice::Alive)),
                Due::Leave => happened.push(Happened::OutOfTime),
            }
        }
        if happened.is_empty() {
            happened.extend(world.wait(schedule.next()));
        }
        for happened in happened {
            let acts = course.on(happened, world.time());
            // First: what is done may report.
            world.publish(course);
            for act in acts {
                match act {
                    Act::Leave(ending) => return ending,
                    Act::WindUp => {
                        schedule.leave_at(world.now().saturating_add(grace));
                        world.act(Act::WindUp);
                    }
                    act => world.act(act),
                }
            }
        }
    }
}
