// A fiber that will be silent for long, and has been deep in calls.
//
// What a fiber's stack has touched once stays memory of the program, however little of it is in use later. A
// server whose connections wait for minutes after a handler that went 30 KB deep would hold 30 KB for each of
// them.
//
//   task::shed_stack();
//   socket.read(buffer);         // from here on it costs the page that it waits in
#pragma once

namespace aster::task {

/// The next time that the calling fiber parks, what its stack does not need meanwhile goes back to the
/// system. That costs a system call then and a page fault for each page that is used again, so it pays before
/// a wait of a second or so. Does not park. Does nothing for the root fiber.
void shed_stack() noexcept;

}  // namespace aster::task
