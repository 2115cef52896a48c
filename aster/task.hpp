// Fibers: code that blocks while the machine goes on.
//
// A server talks to many clients at once, and code that says "read, then write" is easiest to get right when
// it may simply wait. So each activity is a fiber: a function with a stack of its own, switched to in some
// nanoseconds when what it waits for is there. Fibers of one thread never run at the same time and switch
// only where a contract says "parks", so most data needs no lock.
//
// Concurrency is structured: a fiber is born in a `scope` and cannot outlive it, an error of one reaches
// whoever opened the scope, and a fiber that is no longer wanted unwinds through its destructors.
//
//   task::scope both{"greeters"};
//   both.spawn("hello", [] { task::sleep(1s); std::println("hello"); });
//   both.spawn("world", [] { task::sleep(2s); std::println("world"); });
//   both.join();                       // two seconds later; rethrows what a child threw
//
// The thread that first uses any of this becomes the root fiber; there is nothing to start.
// Everything here belongs to one thread: no object may be shared between two.
#pragma once
#include "aster/task/all.hpp"            // wait for all of several functions
#include "aster/task/cancellation.hpp"   // cancelled, shield
#include "aster/task/channel.hpp"        // values from fiber to fiber
#include "aster/task/clock.hpp"          // now, sleep, yield
#include "aster/task/deadline.hpp"       // within a time, or not at all
#include "aster/task/event.hpp"          // device events, shutdown
#include "aster/task/first_of.hpp"       // wait for the first of several functions
#include "aster/task/hog.hpp"            // who holds the CPU too long
#include "aster/task/introspection.hpp"  // who is alive and what it waits for
#include "aster/task/mutex.hpp"
#include "aster/task/one_shot.hpp"
#include "aster/task/ready.hpp"  // tell whoever runs the image that it can be used
#include "aster/task/scope.hpp"
#include "aster/task/semaphore.hpp"
#include "aster/task/shed_stack.hpp"  // before a long wait
#include "aster/task/simulation.hpp"  // virtual time for tests
#include "aster/task/wait_queue.hpp"  // the primitive that the others are made of
