from django.urls import path

from clients.views import clients, people, systems

urlpatterns = [
    path("", clients.client_list, name="clients"),
    path("new/", clients.client_new, name="client_new"),
    path("<key:pk>/", clients.client, name="client"),
    path("<key:pk>/edit/", clients.client_edit, name="client_edit"),
    path("<key:pk>/contact-policy/", clients.contact_policy, name="client_contact_policy"),
    path("<key:pk>/people/new/", clients.portal_person, name="client_person"),
    path("<key:pk>/people/<key:person_pk>/keeper/", systems.keeper, name="client_keeper"),
    path("<key:pk>/people/<key:person_pk>/users/", people.people_keeper, name="client_people_keeper"),
    path("<key:pk>/agreements/<key:agreement_pk>/", people.agreement, name="client_agreement"),
    path("<key:pk>/logo/", people.logo, name="client_logo"),
    path("<key:pk>/logo.png", people.logo_png, name="client_logo_png"),
    path("<key:pk>/systems/new/", systems.system_new, name="client_system_new"),
    path("<key:pk>/systems/<key:system_pk>/", systems.system_edit, name="client_system"),
]
