#!/usr/bin/env escript
%% What Erlang's `re` makes of expressions: reads lines of hexadecimal PATTERN SUBJECT, writes a line for each:
%% `invalid`, `nomatch`, or `match` and the hexadecimal first group.
main(_) -> lines().

lines() ->
  case io:get_line("") of
    eof -> ok;
    Line ->
      [Pattern, Subject] = [unhex(Word) || Word <- string:split(string:trim(Line, trailing, "\n"), " ")],
      io:format("~s~n", [verdict(Pattern, Subject)]),
      lines()
  end.

verdict(Pattern, Subject) ->
  case re:compile(Pattern) of
    {error, _} -> "invalid";
    {ok, Compiled} ->
      case re:run(Subject, Compiled, [{capture, [1], binary}]) of
        nomatch -> "nomatch";
        {match, [Group]} -> ["match ", hex(Group)];
        match -> "match "
      end
  end.

unhex(Text) -> << <<(list_to_integer([High, Low], 16))>> || [High, Low] <- pairs(Text) >>.

pairs([High, Low | Rest]) -> [[High, Low] | pairs(Rest)];
pairs([]) -> [].

hex(Bytes) -> [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes].
