/* Tags at the desk: what is typed and is no tag yet stands below the tags that are found, so that Enter takes a
   known one. Comes after admin/js/autocomplete.js, which has set the field up; without script a line takes commas. */
{
  const $ = django.jQuery;
  $(() => {
    $("select.admin-autocomplete[data-tags]").each((_, select) => {
      $(select).select2({
        ajax: { data: (typed) => ({ term: typed.term }) },
        insertTag: (found, typed) => found.push(typed),
      });
    });
  });
}
