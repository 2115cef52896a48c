'use strict';

const lines = document.querySelector('#lines');
const people = document.querySelector('#people');
const form = document.querySelector('#say');
const field = form.querySelector('input');

const name = sessionStorage.name ??= 'guest-' + Math.floor(Math.random() * 1000);
let wait = 250;

function show({ who, text, people: count }) {
  people.textContent = count === 1 ? 'You are alone.' : `${count} people are here.`;
  const line = document.createElement('li');
  if (who) {
    const author = document.createElement('b');
    author.textContent = who;
    line.append(author, ' ');
  } else {
    line.className = 'room';
  }
  line.append(text);  // as text: nobody can write markup
  lines.append(line);
  lines.scrollTop = lines.scrollHeight;
}

function connect() {
  const room = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/chat/room?${new URLSearchParams({ name })}`);
  room.onopen = () => { lines.replaceChildren(); field.disabled = false; wait = 250; };
  room.onmessage = (event) => show(JSON.parse(event.data));
  room.onclose = () => {
    field.disabled = true;
    people.textContent = 'Connecting again …';
    setTimeout(connect, wait = Math.min(wait * 2, 15000));
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (room.readyState !== WebSocket.OPEN) return;
    room.send(field.value);
    field.value = '';
  };
}
connect();
