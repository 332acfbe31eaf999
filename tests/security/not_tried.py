"""Functions that take a text and are not tried with a long one in test_linear.py, by the reason."""

from __future__ import annotations

# Why another function that takes a text need not be tried: it sees no more than what is said here.
NOT_TRIED = {
    "programme files and the vocabulary, read once at the start": (
        "rules.data_file.load read; rules.programme.load parse; rules.vocabulary.load parse pair_text; "
        "rules.phrases.finding_phrase number_of side_of scans"
    ),
    "keys, states, verbs and ids, which are looked up": (
        "workflows.portfolio.editions.ask void; workflows.files.put_back; "
        "rules.professional_register.item; workflows.portfolio.register_pack.add count upload_item; "
        "rules.file_kinds.kind_of named; "
        "workflows.files.check_kind delete is_stored name_of open size store use write; "  # a bounded part of a file
        "rules.roles.inviters; workflows.people.invitations.place_of roles_here; "
        "rules.roles.home_of in_scope readers rooms_of with_room; "
        "rules.programme.support target_of; rules.states.allowed move can done_by since; "
        "rules.same_patient.relation place of_any_side of_no_side; rules.vocabulary.are_neighbours; "
        "rules.vocabulary.known_pair claimed finding measures_of offered with_side; rules.audits.is_failed; "
        "rules.entry.indication pair structure with_sizes_read; rules.measures.numbers phrase shown; "
        "rules.sides.joined_texts narrowed without_own; workflows.scans.scan_entry.contradictions_of; "
        "workflows.reviews.reopening.ask decline reopen; "
        "workflows.reviews.reviews.judged_scan reason_of uncount; workflows.reviews.appraisals.refuse_unfinished; "
        "rules.scan_fields.by_heading field shown; rules.report.may_send words_missing; "
        "rules.diagnoses.goes_with_another; rules.vocabulary.name_of; rules.vocabulary_terms.is_gone is_there; "
        "rules.programme.counts_apart; rules.states.name_of; "
        "rules.conclusion.is_complete negative_answer; rules.examined.is_full unplaced_limitations unrecorded; "
        "workflows.course.programmes.get name_of_support short_name; "
        "workflows.scans.transitions.apply hand_over record payload_of "
        "done_already last_step steps_of was_handed_over; workflows.history.records.execute insert_all update; "
        "workflows.history.entered_records.approve count pop take; workflows.history.history.hash_of; "
        "workflows.history.verification.add; workflows.notices.notices.notify row withdraw mark_read; "
        "workflows.scans.scan_notices.subject_of notice_of; rules.notice_text.path_of title; "
        "workflows.counts.tallies.moved carry_over; workflows.counts.tally_queries.counts; rules.lifecycle.can state; "
        "workflows.course.absences.read; workflows.people.lifecycle.withdraw; workflows.people.retention.notify_once; "
        "workflows.scans.duplicates.likely_duplicate; workflows.scans.scan_entry.columns_of; "
        "workflows.history.history.record; "
        "workflows.scans.hiding.ask hide last_of; workflows.scans.hidden_list.add; "
        "workflows.scans.transitions.hidden_since; "
        "workflows.reviews.reviews.approve_several hand_over undo undo_several; workflows.reviews.replies.reply; "
        "rules.status.own_reasons words_of; rules.vocabulary.procedures_of; workflows.people.contacts.note_contact; "
        "workflows.reviews.mentor_workload.mentors_of; workflows.scans.ownership.editable_scan own_scan; "
        "workflows.scans.resends.digests_of logged_before unchanged; "
        "workflows.scans.scans.restore send withdraw; workflows.scans.other_side.take_side_back; "
        "workflows.scans.scans.write_correction write_sending; workflows.scans.same_patient.answer take_back; "
        "workflows.accounts.accounts.choose_theme; workflows.people.known_people.cohort site namesakes read_namesakes; "
        "workflows.scans.scan_facts.finding indication measured normal not_seen structure; "
        "workflows.scans.timeline.time_text; workflows.portfolio.contents.logbook_of reading; workflows.spreadsheets."
        "sheet; "
        "workflows.people.retention.directors_of ended_periods; workflows.people.erasure_cases.first_role; "
        "workflows.people.erasure.own_data; workflows.people.administration.dismiss give_role take_role; "
        "workflows.people.confirmations.name_all name_by_course; workflows.people.parts.begin; "
        "workflows.people.held_approvals.approved_by confirmation_status settle spans_of waiting; "
        "workflows.scans.mentor_gone.why"
    ),
    "texts that are looked for in the few letters that are still to go": (
        "workflows.notices.letters.delete_saying; workflows.scans.blanking.withdraw_mails"
    ),
    "what a pattern of the screen has matched": (
        "rules.identifiers.needed_of row_of; "
        "rules.identifier_checks.is_chi_number is_code is_date is_hc_number is_initials is_long_number is_name "
        "is_code_in_groups is_full_name is_given_name is_name_of_a_form is_owner is_person is_plate is_relative "
        "is_national_insurance is_near_nhs is_nhs_number is_phone_abroad is_postcode is_shape is_uk_phone"
    ),
    "secrets and digests, which are hashed": (
        "workflows.accounts.challenges.check make spend; workflows.accounts.devices.end; "
        "workflows.history.keys.derived; "
        "workflows.people.links.close_for owner_of_hash; workflows.accounts.addresses.asked prove; "
        "workflows.accounts.mail_links.make sign_in; "
        "rules.merkle.root; workflows.accounts.accounts.visitor; workflows.people.links.owner use; "
        "workflows.notices.digests.stop_token; workflows.accounts.throttle.take name_of; "
        "workflows.portfolio.shares.revoke find open_link; workflows.portfolio.verification.check count; "
        "workflows.people.invitations.find_live; workflows.people.joining.accept claim; "
        "workflows.people.take_over.claim find refuse use; "
        "workflows.people.administration.invite; "
        "workflows.people.links.claim claimed; workflows.history.keys.of sign use; "
        "workflows.accounts.signed_out.add holds remove"
    ),
    "a form's field within its limit, or what is tried above reads it": (
        "rules.glyphs.code lacking lines name; workflows.portfolio.pdf.compiled order pages_of row shown; "
        "rules.same_patient.differences joined own_line; rules.conclusion.abnormal conclusion; "
        " rules.diagnoses.diagnoses with_side_before; rules.examined.by_side "
        "in_order; workflows.scans.unknown_words.unknown; "
        "workflows.course.demo_course.is_demo; "
        "workflows.accounts.accounts.by_address change_password prove sign_in start; "
        "workflows.accounts.addresses.add ask_for_proof make_first prove_by_code remove write_unproved; "
        "workflows.accounts.mail_links.ask by_code sign_in_by_code; workflows.accounts.passkeys.add options_for "
        "proof_options prove registration_options remove rename sign_in sign_in_options; workflows.accounts."
        "webauthn_responses.claimed_id creation_options digest genuine read registered request_options verify; "
        "workflows.accounts.ways.may_remove; workflows.people.first_address.replace; "
        "workflows.accounts.passwords.keep fits store is_outdated; workflows.notices.notices.save_preferences; "
        "workflows.notices.subscriptions.subscribe; workflows.reviews.reviews.approve send_back; "
        "workflows.scans.scans.log correct; workflows.scans.scan_entry.check place; workflows.portfolio.shares.share; "
        "workflows.people.invitations.invite; workflows.people.joining.accept_new checked passkey_options; "
        "workflows.people.erasure.erase; workflows.people.retention.is_erased; "
        "workflows.people.confirmations.confirm end refuse; workflows.people.administration.rename; "
        "workflows.people.adding.add open_cohort; workflows.people.people_csv.row_of"
    ),
    "cells of a file of people, which people_file.read has bounded": (
        "workflows.people.people_import.import_people; workflows.people.people.appoint by_email check_cohort named "
        "check_part equip open_cohort place register take_part; workflows.people.contact_details.change rewrite; "
        "workflows.people.import_outcome.mark_of; workflows.people.import_rights.check_part; "
        "workflows.people.people_import.import_row"
    ),
    "cells of an earlier logbook, which earlier_file.read has bounded": "workflows.portfolio.earlier.preview bring_in",
    "a backup, which whoever runs Sonofolio names": (
        "rules.backups.made_at; workflows.backup.archive.write; workflows.backup.manifest.count of_json stored_name; "
        "workflows.backup.postgresql.beside check_empty copy program put_in_place; "
        "workflows.backup.proof.failed succeeded; "
        "workflows.backup.sqlite.beside check_empty copy not_empty put_in_place"
    ),
    "sentences and settings of our own": (
        "rules.editions.shown_code unprinted; workflows.portfolio.signing.sign; "
        "rules.notice_text.in_full; workflows.notices.mail.delete_written post; "
        "workflows.notices.failed_mail.keep keep_all remove; workflows.notices.letters.failed give_up postpone write; "
        "workflows.accounts.ways.tell; workflows.accounts.webauthn_responses.relying_party; "
        "workflows.notices.push_delivery.settle; workflows.notices.push_client.send wait_of; "
        "workflows.notices.weekly.letter; rules.sampling.sample"
    ),
}
