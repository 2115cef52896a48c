// The site works without this; with it, it is a little more comfortable.
'use strict';

for (const button of document.querySelectorAll('.copy-button')) {
  const field = button.parentElement.querySelector('input');
  field.addEventListener('focus', () => field.select());
  if (!navigator.clipboard) continue;  // browsers have it on secure pages only
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}

const search = document.querySelector('form.search');
if (search) {
  const list = () => document.querySelector('section.list');
  search.querySelector('button').hidden = true;
  let asked = 0;
  const show = async () => {
    const turn = ++asked;
    const url = '/?' + new URLSearchParams(new FormData(search));
    const answer = await fetch(url);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (turn !== asked) return;  // somebody has typed on
    for (const part of ['.links, .empty', '.pages', '#links-title']) {
      const old = list().querySelector(part), now = page.querySelector('section.list').querySelector(part);
      if (old && now) old.replaceWith(now);
      else if (old) old.remove();
      else if (now) list().append(now);
    }
    history.replaceState(null, '', url);
  };
  let timer;
  search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(show, 150); });
  search.addEventListener('submit', (event) => { event.preventDefault(); show(); });
}
