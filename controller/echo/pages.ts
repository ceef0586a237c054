/** Answers of the bundled target that have something to find in them: for variables, matches and loops. */

/** A token that differs from answer to answer; they count from 1. */
export function tokenOf(answer: number): string {
  return ((answer * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')
}

/** An HTML page with a form, hidden token included, and three links. */
export function formPage(answer: number): Buffer {
  return Buffer.from(`<!DOCTYPE html>
<html>
<head><title>tsts echo</title></head>
<body>
<form action="/login" method="post">
<input type="hidden" name="token" value="${tokenOf(answer)}">
<input type="text" name="user"><input type="password" name="password">
</form>
<ul>
<li><a href="/article/1">one</a>
<li><a href="/article/2">two</a>
<li><a href="/article/3">three &amp; last</a>
</ul>
</body>
</html>
`)
}

/** A JSON object with a token and a list of three articles. */
export function jsonPage(answer: number): Buffer {
  const articles = [
    { id: 11, name: 'lamp', price: 25.5, stock: 3 },
    { id: 12, name: 'chair', price: 40, stock: 0 },
    { id: 13, name: 'table', price: 99, stock: 7 },
  ]
  return Buffer.from(`${JSON.stringify({ token: tokenOf(answer), articles })}\n`)
}
