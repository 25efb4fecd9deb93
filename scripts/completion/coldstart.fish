# Completion of coldstart for fish. Use it with: coldstart completion fish | source
function __coldstart
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  test (basename -- $words[1]) = build-iso; and set words coldstart build $words[2..]
  set -l candidates (coldstart complete -- $words[2..] "$current" 2>/dev/null)
  if test (count $candidates) -gt 0
    string join \n -- $candidates
  else
    __fish_complete_path "$current"
  end
end
complete -c coldstart -f -a '(__coldstart)'
complete -c build-iso -f -a '(__coldstart)'
